"""Small widgets and painters that several pages share."""
