"""What is done to text: patch sites, their static checks, and protocols as data."""
