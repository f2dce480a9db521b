package dev.tutti.dialects;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// One model of the mesh as the lists of the dialects show it. Empty texts mean unknown.
///
/// @param name the name clients use
/// @param digest Ollama's digest, when it came from an Ollama
/// @param sizeBytes on disk; 0 when unknown
/// @param modifiedAt RFC 3339; the epoch when unknown
/// @param createdSeconds seconds since 1970
/// @param details what is known of its making
/// @param capabilities in Ollama's words, such as `completion`, `tools`, `embedding`
/// @param contextTokens the longest context it can have, when known
/// @param loaded where it is in memory, if it is
/// @param simulated whether no real engine stands behind it
/// @param extra further facts for `model_info` of `/api/show`, numbers or texts
public record ModelEntry(
    String name,
    String digest,
    long sizeBytes,
    String modifiedAt,
    long createdSeconds,
    Details details,
    Set<String> capabilities,
    OptionalInt contextTokens,
    Optional<Loaded> loaded,
    boolean simulated,
    Map<String, Object> extra) {
  /// Copies the collections.
  public ModelEntry {
    capabilities = Set.copyOf(capabilities);
    extra = Map.copyOf(extra);
  }

  /// What is known of a model's making; empty where it is not.
  ///
  /// @param format such as `gguf`
  /// @param family such as `llama`
  /// @param parameterSize such as `8.0B`
  /// @param quantization such as `Q4_K_M`
  public record Details(
      String parentModel, String format, String family, String parameterSize, String quantization) {
    /// Nothing known.
    public static final Details UNKNOWN = new Details("", "", "", "", "");
  }

  /// A model in memory.
  ///
  /// @param sizeBytes all it takes; 0 when unknown
  /// @param vramBytes of that on a GPU
  /// @param expiresAt when it will be unloaded, RFC 3339
  /// @param contextTokens the context it was loaded with; 0 when unknown
  /// @param nodes the machines that have it in memory, the one of these figures first
  public record Loaded(
      long sizeBytes, long vramBytes, String expiresAt, int contextTokens, List<String> nodes) {
    /// Copies the list.
    public Loaded {
      nodes = List.copyOf(nodes);
    }
  }
}
