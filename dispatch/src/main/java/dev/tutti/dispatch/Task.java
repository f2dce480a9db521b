package dev.tutti.dispatch;

import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.TaskId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/// One unit of work a client asked for.
///
/// @param id its name
/// @param type what kind of work, `chat` unless the client or the endpoint says otherwise
/// @param model the model asked for; may be virtual (`auto`, `auto:code`)
/// @param needs capabilities a model must have, in Ollama's words (`tools`, `vision`, `embedding`)
/// @param priority 0 to 9, 9 first
/// @param ttl the longest wait in the queue
/// @param pin the node it must run on, if any
/// @param substitute whether the client consents to another model
/// @param local whether it must not leave the owner's own machines
/// @param outputLimit the most tokens the answer may have, 0 when the client does not say
/// @param principal who asked, empty when nobody had to say
/// @param session what ties a conversation together, empty when the client gives nothing
/// @param hops the hubs the request has been through, as their names with commas between; passed on
///   so that none of them serves it twice
/// @param contextTokens the context that the request asks for, 0 when it does not say
/// @param prompt what is known of its prompt
/// @param appraisal how hard it is thought to be
/// @param work the work itself, opaque to dispatch
/// @param licence what who asked may use
/// @param <W> the work
public record Task<W>(
    TaskId id,
    TaskType type,
    ModelName model,
    Set<String> needs,
    int priority,
    Duration ttl,
    Optional<NodeId> pin,
    boolean substitute,
    boolean local,
    int outputLimit,
    String principal,
    String session,
    String hops,
    int contextTokens,
    Prompt prompt,
    Appraisal appraisal,
    W work,
    Licence licence) {
  /// Checks ranges and copies the set.
  public Task {
    if (priority < 0 || priority > 9) {
      throw new IllegalArgumentException("priority: " + priority + " (expected: 0 to 9)");
    }
    if (ttl.isNegative()) {
      throw new IllegalArgumentException("ttl: " + ttl + " (expected: >= 0)");
    }
    needs = Set.copyOf(needs);
  }

  /// A task that comes from a client and not from another hub.
  public Task(
      TaskId id,
      TaskType type,
      ModelName model,
      Set<String> needs,
      int priority,
      Duration ttl,
      Optional<NodeId> pin,
      boolean substitute,
      int outputLimit,
      String principal,
      String session,
      W work) {
    this(
        id,
        type,
        model,
        needs,
        priority,
        ttl,
        pin,
        substitute,
        false,
        outputLimit,
        principal,
        session,
        "",
        0,
        Prompt.UNKNOWN,
        Appraisal.NONE,
        work,
        Licence.ANY);
  }

  /// A task of somebody who may use everything.
  public Task(
      TaskId id,
      TaskType type,
      ModelName model,
      Set<String> needs,
      int priority,
      Duration ttl,
      Optional<NodeId> pin,
      boolean substitute,
      boolean local,
      int outputLimit,
      String principal,
      String session,
      String hops,
      int contextTokens,
      Prompt prompt,
      Appraisal appraisal,
      W work) {
    this(
        id,
        type,
        model,
        needs,
        priority,
        ttl,
        pin,
        substitute,
        local,
        outputLimit,
        principal,
        session,
        hops,
        contextTokens,
        prompt,
        appraisal,
        work,
        Licence.ANY);
  }

  /// The same task under a licence.
  ///
  /// @param atHome whether it must not leave the owner's own machines, whatever it says itself
  public Task<W> under(Licence other, boolean atHome) {
    return new Task<>(
        id,
        type,
        model,
        needs,
        priority,
        ttl,
        pin,
        substitute,
        local || atHome,
        outputLimit,
        principal,
        session,
        hops,
        contextTokens,
        prompt,
        appraisal,
        work,
        other);
  }

  /// The same task with other work.
  Task<W> with(W other) {
    return new Task<>(
        id,
        type,
        model,
        needs,
        priority,
        ttl,
        pin,
        substitute,
        local,
        outputLimit,
        principal,
        session,
        hops,
        contextTokens,
        prompt,
        appraisal,
        other,
        licence);
  }

  /// The same task for the model that was chosen, where that is another one than was asked for.
  Task<W> forModel(ModelName chosen) {
    return chosen.equals(model)
        ? this
        : new Task<>(
            id,
            type,
            chosen,
            needs,
            priority,
            ttl,
            pin,
            substitute,
            local,
            outputLimit,
            principal,
            session,
            hops,
            contextTokens,
            prompt,
            appraisal,
            work,
            licence);
  }
}
