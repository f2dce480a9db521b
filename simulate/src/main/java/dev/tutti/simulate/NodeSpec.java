package dev.tutti.simulate;

import dev.tutti.core.BackendId;
import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.NodeRole;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// A machine of a fleet file.
///
/// @param id its name
/// @param role what it is for
/// @param hardware what it is made of; its free memory is what it has for models
/// @param slots how many answers its engine writes at a time
/// @param rates how fast it is with each model it holds; empty when it has no engine
/// @param sharing how its streams get in each other's way
/// @param loading how it brings models into memory
/// @param cacheTokens tokens of beginnings of prompts that it keeps for each model
/// @param power what it draws
/// @param price what it costs, in the currency of whoever wrote the file; 0 when not given
public record NodeSpec(
    NodeId id,
    NodeRole role,
    Hardware hardware,
    int slots,
    Map<ModelName, Rates> rates,
    Sharing sharing,
    Loading loading,
    Map<ModelName, Long> cacheTokens,
    Power power,
    double price) {
  /// Copies the maps, in the order of the models' names.
  public NodeSpec {
    rates = Collections.unmodifiableMap(new TreeMap<>(rates));
    cacheTokens = Collections.unmodifiableMap(new TreeMap<>(cacheTokens));
  }

  /// The name of its one backend.
  BackendId backend() {
    return new BackendId(id + "/ollama");
  }

  /// How a machine brings a model into memory.
  ///
  /// @param bytesPerSecond from disk to memory
  /// @param startNanos what starting takes beside that
  public record Loading(double bytesPerSecond, long startNanos) {
    long nanos(Bytes size) {
      return startNanos + Math.round(size.value() / bytesPerSecond * 1e9);
    }
  }

  /// What a machine draws, in watts.
  ///
  /// @param idle when it waits
  /// @param busy while it answers
  public record Power(double idle, double busy) {}
}
