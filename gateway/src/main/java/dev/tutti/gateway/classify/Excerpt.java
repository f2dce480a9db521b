package dev.tutti.gateway.classify;

import dev.tutti.dialects.Message;
import dev.tutti.dialects.Work;
import java.util.List;
import java.util.Locale;

/// As much of a request's text as the rules look at, in lower case.
///
/// @param system the beginning of what the system or the developer says
/// @param said what the user said last, without its middle where it is long
/// @param instruction the beginning and the end of that: there people say what they want
/// @param chars how long all texts of the request are together
/// @param turns how many messages it has
record Excerpt(String system, String said, String instruction, long chars, int turns) {
  /// The most text that is looked at, in characters: the system's and the user's together.
  static final int MAX_CHARS = 16 * 1024;

  private static final int MAX_SYSTEM_CHARS = 4 * 1024;
  private static final int MAX_END_CHARS = 4 * 1024;
  private static final int MAX_BEGINNING_CHARS = MAX_CHARS - MAX_SYSTEM_CHARS - MAX_END_CHARS;

  /// How much from either end of what the user said is searched for words of instruction.
  private static final int MAX_INSTRUCTION_CHARS = 1_024;

  static Excerpt of(Work.Chat chat) {
    List<Message> messages = chat.messages();
    String system = "";
    String said = "";
    long chars = 0;
    for (Message message : messages) {
      switch (message.role()) {
        case SYSTEM, DEVELOPER ->
            system = system.isEmpty() ? beginning(message, MAX_SYSTEM_CHARS) : system;
        case USER, ASSISTANT, TOOL -> {
          // only their length counts
        }
      }
      chars += length(message);
    }
    for (int i = messages.size() - 1; i >= 0 && said.isEmpty(); i--) {
      if (messages.get(i).role() == Message.Role.USER) {
        said = ends(messages.get(i));
      }
    }
    return of(system, said, chars, messages.size());
  }

  static Excerpt of(Work.Completion text) {
    String system = text.system().orElse("");
    return of(
        cut(system, MAX_SYSTEM_CHARS),
        ends(text.prompt()),
        (long) text.prompt().length() + system.length(),
        1);
  }

  private static Excerpt of(String system, String said, long chars, int turns) {
    String lower = said.toLowerCase(Locale.ROOT);
    int length = lower.length();
    String instruction =
        length <= 2 * MAX_INSTRUCTION_CHARS
            ? lower
            : lower.substring(0, MAX_INSTRUCTION_CHARS)
                + "\n"
                + lower.substring(length - MAX_INSTRUCTION_CHARS);
    return new Excerpt(system.toLowerCase(Locale.ROOT), lower, instruction, chars, turns);
  }

  boolean isEmpty() {
    return said.isBlank();
  }

  private static long length(Message message) {
    long chars = 0;
    for (Message.Part part : message.parts()) {
      chars += part instanceof Message.Part.Text(var text) ? text.length() : 0;
    }
    return chars;
  }

  private static String beginning(Message message, int most) {
    var text = new StringBuilder();
    for (Message.Part part : message.parts()) {
      if (part instanceof Message.Part.Text(var words) && text.length() < most) {
        text.append(words, 0, Math.min(words.length(), most - text.length())).append('\n');
      }
    }
    return text.toString();
  }

  /// Programs put what they add to the user's words into parts of their own, before or after.
  private static String ends(Message message) {
    if (length(message) <= MAX_BEGINNING_CHARS + MAX_END_CHARS) {
      return beginning(message, MAX_BEGINNING_CHARS + MAX_END_CHARS);
    }
    var end = new StringBuilder();
    for (Message.Part part : message.parts().reversed()) {
      if (part instanceof Message.Part.Text(var words) && end.length() < MAX_END_CHARS) {
        int from = Math.max(0, words.length() - (MAX_END_CHARS - end.length()));
        end.insert(0, words.substring(from));
      }
    }
    return beginning(message, MAX_BEGINNING_CHARS) + "\n" + end;
  }

  private static String ends(String text) {
    return text.length() <= MAX_BEGINNING_CHARS + MAX_END_CHARS
        ? text
        : text.substring(0, MAX_BEGINNING_CHARS)
            + "\n"
            + text.substring(text.length() - MAX_END_CHARS);
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most);
  }
}
