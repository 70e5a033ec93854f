"""Who steps next: schedulers, the exhaustive checker, properties, schedules, verdicts."""
