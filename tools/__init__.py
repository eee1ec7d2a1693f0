"""Programs for those who work on this repository; they are in no wheel."""
