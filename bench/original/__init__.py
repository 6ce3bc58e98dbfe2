"""The system that Cutouts began as, kept running: USE lite and a small CNN on TensorFlow.js."""
