"""What a project's own files say about releases: read as text, never run."""
