package dev.tutti.discovery;

import java.util.List;
import java.util.Set;

/// At which ports of this machine engines listen unless their owner says otherwise: pure.
public final class LocalEngines {
  /// Ollama's port, both of llama-server (historical and of newer documentation), vLLM's and LM
  /// Studio's, in the order in which they are to be tried.
  public static final List<Integer> PORTS = List.of(11434, 8080, 9931, 8000, 1234);

  private LocalEngines() {}

  /// The ports to look at.
  ///
  /// @param own ports on which this process itself listens
  public static List<Integer> portsWithout(Set<Integer> own) {
    return PORTS.stream().filter(port -> !own.contains(port)).toList();
  }
}
