package dev.tutti.dialects;

import dev.tutti.dialects.Message.Part;
import dev.tutti.dialects.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Pictures in tools' results, for engines whose tool messages hold words only: they are shown by
/// the user after the results, and each place says so.
final class ToolImages {
  private static final String ELSEWHERE = "(The result is a picture, which follows.)";

  private final List<Message> messages = new ArrayList<>();
  private final List<Part> shown = new ArrayList<>();

  private ToolImages() {}

  /// The same conversation with words alone in the messages of tools.
  static List<Message> apart(List<Message> messages) {
    if (messages.stream().noneMatch(ToolImages::hasImages)) {
      return messages;
    }
    var moved = new ToolImages();
    messages.forEach(moved::take);
    moved.show(List.of());
    return moved.messages;
  }

  private static boolean hasImages(Message message) {
    return message.role() == Role.TOOL
        && message.parts().stream().anyMatch(part -> !(part instanceof Part.Text));
  }

  private void take(Message message) {
    if (hasImages(message)) {
      String words = message.text();
      messages.add(with(message, List.of(new Part.Text(words.isEmpty() ? ELSEWHERE : words))));
      shown.add(
          new Part.Text("From the tool call " + message.toolCallId().orElse("before this") + ":"));
      message.parts().stream().filter(part -> !(part instanceof Part.Text)).forEach(shown::add);
    } else if (message.role() == Role.TOOL || shown.isEmpty()) {
      messages.add(message);
    } else if (message.role() == Role.USER) {
      // Together: templates of many models want user and assistant to take turns.
      show(message.parts());
    } else {
      show(List.of());
      messages.add(message);
    }
  }

  private void show(List<Part> alongWith) {
    if (shown.isEmpty()) {
      return;
    }
    shown.addAll(alongWith);
    messages.add(
        new Message(
            Role.USER, shown, Optional.empty(), List.of(), Optional.empty(), Optional.empty()));
    shown.clear();
  }

  private static Message with(Message message, List<Part> parts) {
    return new Message(
        message.role(),
        parts,
        message.reasoning(),
        message.toolCalls(),
        message.toolCallId(),
        message.name());
  }
}
