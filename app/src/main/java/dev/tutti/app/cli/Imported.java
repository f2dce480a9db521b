package dev.tutti.app.cli;

import java.nio.file.Path;
import java.util.List;

/// What became of an import.
///
/// @param config the settings that it went into
/// @param written whether it did; else there are settings of the same kind already
/// @param settings what was to be written, in the words of `tutti.yaml`
/// @param backends engines in it
/// @param rules rules in it
/// @param notes what was left out, with lines
public record Imported(
    Path config, boolean written, String settings, int backends, int rules, List<String> notes) {
  /// Copies the list.
  public Imported {
    notes = List.copyOf(notes);
  }
}
