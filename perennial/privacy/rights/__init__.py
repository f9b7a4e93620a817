"""What people ask about their data: asked, watched, answered, proved."""
