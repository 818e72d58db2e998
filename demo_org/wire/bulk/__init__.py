"""The Bulk APIs: jobs that read and write by the thousand. Version 2.0 here, version 1.0 in classic."""
