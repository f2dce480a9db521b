package dev.tutti.gateway;

import com.google.protobuf.ByteString;
import dev.tutti.access.Principal;
import dev.tutti.core.NodeId;
import dev.tutti.core.TaskId;
import dev.tutti.dialects.Dialect;
import dev.tutti.dialects.Message;
import dev.tutti.dialects.Sampling;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskType;
import dev.tutti.wire.mesh.ChatMessage;
import dev.tutti.wire.mesh.SubmitRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// Submissions over gRPC as tasks.
final class GrpcRequests {
  /// The priority 9, one more since 0 means "default".
  private static final int HIGHEST = 10;

  private GrpcRequests() {}

  /// The task a request asks for.
  ///
  /// @param usualTtl the longest wait in the queue of who asks for none
  /// @throws dev.tutti.core.MeshException `INVALID_REQUEST` for what cannot be meant
  static Task<Work> task(TaskId id, Principal who, SubmitRequest request, Duration usualTtl) {
    if (request.getModel().isBlank()) {
      throw Refusals.invalid("model: missing (expected: a model's name, or auto)");
    }
    Optional<TaskType> type =
        Optional.of(request.getType()).filter(name -> !name.isBlank()).map(TaskWishes::type);
    if (type.filter(each -> each == TaskType.EMBED).isPresent()) {
      throw Refusals.invalid("type: embed (expected: a type whose answer is text)");
    }
    Optional<NodeId> node =
        Optional.of(request.getNode()).filter(name -> !name.isBlank()).map(TaskWishes::node);
    String session = request.getSession();
    var wishes =
        new TaskWishes(
            type,
            priority(request.getPriority()),
            request.getTtlMs() == 0 ? usualTtl : TaskWishes.ttl(request.getTtlMs()),
            node,
            request.getSubstitute(),
            request.getLocal(),
            session.length() <= TaskWishes.MAX_SESSION_CHARS ? session : "",
            "");
    return WorkEndpoint.task(id, who.name(), wishes.within(who.rights()), "", work(request));
  }

  private static int priority(int sent) {
    if (sent < 0 || sent > HIGHEST) {
      throw Refusals.invalid("priority: " + sent + " (expected: 0 for default, 1 to 10)");
    }
    return sent == 0 ? TaskWishes.DEFAULT_PRIORITY : sent - 1;
  }

  private static Work work(SubmitRequest request) {
    boolean pictures = request.getImagesCount() > 0;
    return new Work.Chat(
        request.getModel(),
        Dialect.OPENAI,
        messages(request),
        List.of(),
        Optional.empty(),
        sampling(request),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        pictures ? Set.of("vision") : Set.of());
  }

  private static Sampling sampling(SubmitRequest request) {
    double temperature = request.getTemperature();
    if (request.getHasTemperature() && !(temperature >= 0 && temperature <= 100)) {
      throw Refusals.invalid("temperature: not understood (expected: a number >= 0)");
    }
    if (request.getMaxTokens() < 0) {
      throw Refusals.invalid("max_tokens: too large (expected: <= " + Integer.MAX_VALUE + ")");
    }
    return new Sampling(
        request.getMaxTokens() == 0 ? OptionalInt.empty() : OptionalInt.of(request.getMaxTokens()),
        request.getHasTemperature() ? OptionalDouble.of(temperature) : OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalInt.empty(),
        OptionalDouble.empty(),
        OptionalLong.empty(),
        List.of(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalInt.empty(),
        Map.of());
  }

  private static List<Message> messages(SubmitRequest request) {
    var messages = new ArrayList<Message>();
    if (!request.getSystem().isEmpty()) {
      messages.add(said(Message.Role.SYSTEM, request.getSystem()));
    }
    for (ChatMessage message : request.getMessagesList()) {
      messages.add(said(role(message.getRole()), message.getContent()));
    }
    if (!request.getPrompt().isEmpty()) {
      messages.add(said(Message.Role.USER, request.getPrompt()));
    }
    if (request.getImagesCount() > 0) {
      addPictures(messages, request.getImagesList());
    }
    if (messages.isEmpty()) {
      throw Refusals.invalid("prompt: missing (expected: a prompt or messages)");
    }
    return messages;
  }

  private static Message said(Message.Role role, String text) {
    return with(role, List.of(new Message.Part.Text(text)));
  }

  private static Message with(Message.Role role, List<Message.Part> parts) {
    return new Message(
        role, parts, Optional.empty(), List.of(), Optional.empty(), Optional.empty());
  }

  private static Message.Role role(String name) {
    return switch (name) {
      case "system" -> Message.Role.SYSTEM;
      case "developer" -> Message.Role.DEVELOPER;
      case "user", "" -> Message.Role.USER;
      case "assistant" -> Message.Role.ASSISTANT;
      default ->
          throw Refusals.invalid("role: not understood (expected: system, user or assistant)");
    };
  }

  /// Pictures belong to the last user message.
  private static void addPictures(List<Message> messages, List<ByteString> pictures) {
    for (int i = messages.size() - 1; i >= 0; i--) {
      if (messages.get(i).role() == Message.Role.USER) {
        var parts = new ArrayList<>(messages.get(i).parts());
        for (ByteString picture : pictures) {
          String base64 = Base64.getEncoder().encodeToString(picture.toByteArray());
          parts.add(new Message.Part.Image("", base64));
        }
        messages.set(i, with(Message.Role.USER, parts));
        return;
      }
    }
    throw Refusals.invalid("images: without a user message (expected: a prompt)");
  }
}
