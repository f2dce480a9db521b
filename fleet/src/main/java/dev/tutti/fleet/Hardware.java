package dev.tutti.fleet;

import dev.tutti.core.Bytes;

/// What a machine is made of; unknown amounts are {@link Bytes#UNKNOWN}.
///
/// @param cpu the processor's name, empty when unknown
/// @param cores logical processors, 0 when unknown
/// @param architecture as the operating system names it, empty when unknown
/// @param os the operating system's name, empty when unknown
/// @param ramTotal installed memory
/// @param ramFree memory that a new model could take now
/// @param gpu the first GPU's name, empty when there is none or it is unknown
/// @param vram that GPU's memory; on unified memory the same as `ramTotal`
public record Hardware(
    String cpu,
    int cores,
    String architecture,
    String os,
    Bytes ramTotal,
    Bytes ramFree,
    String gpu,
    Bytes vram) {
  /// Nothing known.
  public static final Hardware UNKNOWN =
      new Hardware("", 0, "", "", Bytes.UNKNOWN, Bytes.UNKNOWN, "", Bytes.UNKNOWN);
}
