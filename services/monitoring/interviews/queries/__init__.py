"""Reads of interviews and of what fills a form beforehand."""
