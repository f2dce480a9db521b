package dev.tutti.dialects;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Gives the tool calls of one answer our own numbers 0, 1, 2 …, whatever the engine calls them:
/// some leave the index out, some write 0 for each.
final class ToolCalls {
  /// How many tools one answer may call.
  static final int MAX_CALLS = 1024;

  private static final int NO_INDEX = -1;

  private final Map<Integer, Integer> byEngineIndex = new HashMap<>();
  private final List<String> ids = new ArrayList<>();

  /// Whether any tool was called.
  boolean any() {
    return !ids.isEmpty();
  }

  /// A call that comes whole.
  Delta.ToolCall whole(String id, String name, String arguments) {
    return new Delta.ToolCall(begin(id), id, name, arguments);
  }

  /// A part of a call.
  ///
  /// @param engineIndex the engine's own index, -1 when it gave none
  Delta.ToolCall part(int engineIndex, String id, String name, String arguments) {
    Integer known = known(engineIndex, id, name);
    if (known != null) {
      return new Delta.ToolCall(known, "", "", arguments);
    }
    int index = begin(id);
    if (engineIndex != NO_INDEX) {
      byEngineIndex.put(engineIndex, index);
    }
    return new Delta.ToolCall(index, id, name, arguments);
  }

  private @Nullable Integer known(int engineIndex, String id, String name) {
    if (engineIndex != NO_INDEX) {
      Integer index = byEngineIndex.get(engineIndex);
      boolean another = index != null && !id.isEmpty() && !ids.get(index).equals(id);
      return another ? null : index;
    }
    if (!id.isEmpty()) {
      int index = ids.indexOf(id);
      return index < 0 ? null : index;
    }
    return name.isEmpty() && !ids.isEmpty() ? Integer.valueOf(ids.size() - 1) : null;
  }

  private int begin(String id) {
    if (ids.size() == MAX_CALLS) {
      throw EngineErrors.inAnswer("more than " + MAX_CALLS + " tool calls");
    }
    ids.add(id);
    return ids.size() - 1;
  }
}
