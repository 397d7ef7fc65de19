"""What the fleet tells about itself."""
