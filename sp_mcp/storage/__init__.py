"""What lasts: SQLite files with their migrations, the team's Redis, files and archives."""
