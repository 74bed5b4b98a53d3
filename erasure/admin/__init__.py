"""The admin for staff (rank 8). ``site.ErasureSite`` names every page there is."""
