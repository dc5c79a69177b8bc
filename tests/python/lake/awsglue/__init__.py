"""What functions/lake_job.py needs of AWS Glue's library, over folders: it is not in any package that a laptop can install."""
