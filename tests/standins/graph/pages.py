"""The page where one can be a person with a phone."""
