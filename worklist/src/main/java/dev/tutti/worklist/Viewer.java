package dev.tutti.worklist;

/// Who asks: each sees what is its own, an administrator everything.
///
/// @param principal whose key it is, empty where nobody needs one
/// @param everything whether it may see what others own
public record Viewer(String principal, boolean everything) {}
