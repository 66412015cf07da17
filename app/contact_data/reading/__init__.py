"""Reading tables of people: CSV in any encoding and with any delimiter, and XLSX, in a limited child process."""

from app.contact_data.reading.child import Sheet, opened

__all__ = ["Sheet", "opened"]
