"""The only door for clients: passes requests on to the services, joins their documents, keeps no business data."""
