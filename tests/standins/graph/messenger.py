"""Messenger's part."""
