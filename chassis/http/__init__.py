"""Answer over HTTP: one unit of work a request, problems that say what to do, pages, versions, health."""
