package dev.tutti.fleet;

import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import java.util.List;
import java.util.Map;

/// What one backend says about one model.
///
/// @param name the model's name as the backend knows it
/// @param type what it is for: from the engine's capabilities, else from the name
/// @param size bytes on disk, or unknown
/// @param digest content digest, empty when the engine gives none
/// @param contextTokens longest context the model allows, 0 when unknown
/// @param loaded the running instance, or {@link Loaded#NOT}
/// @param capabilities in Ollama's words: completion, tools, vision, embedding, thinking, insert
/// @param details family, parameter_size, quantization_level, format and the like, as given
/// @param modifiedAt RFC 3339, empty when unknown
public record ModelFacts(
    ModelName name,
    ModelType type,
    Bytes size,
    String digest,
    int contextTokens,
    Loaded loaded,
    List<String> capabilities,
    Map<String, String> details,
    String modifiedAt) {

  /// The key in `details` of what stands for the content where the engine gives no digest: a hash
  /// of everything that it says about the file. Two files with the same name, sizes and template
  /// have the same, whatever their weights.
  public static final String FINGERPRINT = "fingerprint";

  private static final String EMBEDDING = "embedding";

  /// Copies the collections.
  public ModelFacts {
    capabilities = List.copyOf(capabilities);
    details = Map.copyOf(details);
  }

  /// Whether the model can do this as far as anybody knows. An engine that says nothing about its
  /// models is given the benefit of the doubt, except that an embedding model does nothing else.
  public boolean can(String capability) {
    if (capabilities.isEmpty()) {
      return type != ModelType.EMBEDDING || capability.equals(EMBEDDING);
    }
    return capabilities.contains(capability);
  }

  /// What two backends that hold the same content have in common: the digest, else the fingerprint;
  /// empty when nobody can tell.
  public String identity() {
    return digest.isEmpty() ? details.getOrDefault(FINGERPRINT, "") : digest;
  }

  /// A model in memory.
  ///
  /// @param resident whether it is in memory now
  /// @param bytes memory it takes in all, or unknown
  /// @param vramBytes memory it takes on the GPU, or unknown
  /// @param contextTokens the context it was loaded with, 0 when unknown
  /// @param expiresAt RFC 3339, empty when the engine keeps it or does not say
  public record Loaded(
      boolean resident, Bytes bytes, Bytes vramBytes, int contextTokens, String expiresAt) {
    /// Not in memory.
    public static final Loaded NOT = new Loaded(false, Bytes.UNKNOWN, Bytes.UNKNOWN, 0, "");
  }
}
