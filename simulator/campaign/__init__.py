"""Many independent jobs on all cores or a cluster, and random campaigns that can be resumed."""
