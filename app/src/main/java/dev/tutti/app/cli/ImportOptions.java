package dev.tutti.app.cli;

import java.nio.file.Path;
import java.util.Optional;

/// What `tutti import` was told.
///
/// @param file what is imported
/// @param config the settings it is imported into, where one is named
/// @param live whether the settings are to point at the file, and not to hold what it says today
public record ImportOptions(Path file, Optional<Path> config, boolean live) {}
