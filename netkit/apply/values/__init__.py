"""Values that a spec does not say and that follow from it; what they were before."""
