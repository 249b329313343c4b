"""Tell a phone, a partner or the province what changed since it last asked, without gaps."""
