package dev.tutti.simulate;

import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;

/// A model of a fleet file.
///
/// @param name its name
/// @param size bytes on disk, which are also those it takes in memory
/// @param cacheBytesPerToken memory that one token of a prefix cache takes
/// @param parameters its number of parameters as Ollama writes it (`8.0B`), empty when not given
public record ModelSpec(ModelName name, Bytes size, int cacheBytesPerToken, String parameters) {}
