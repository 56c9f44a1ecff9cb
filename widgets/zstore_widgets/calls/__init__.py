"""The calls of a `LoggingStore`: fed to a page, recorded, priced, as chunk heat."""
