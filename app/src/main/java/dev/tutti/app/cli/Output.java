package dev.tutti.app.cli;

import java.io.PrintStream;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/// Where a command's results go: data on standard output as a table or as JSON, notes on standard
/// error.
final class Output {
  /// What the data looks like.
  enum Form {
    TABLE,
    JSON
  }

  /// Whether colour is used.
  enum Look {
    PLAIN,
    COLOR
  }

  /// The mark of everything that no real engine is behind.
  static final String SIMULATED = "SIMULATED";

  private final Streams streams;
  private final Form form;
  private final Look look;

  Output(Streams streams, Form form, Look look) {
    this.streams = streams;
    this.form = form;
    this.look = look;
  }

  boolean isJson() {
    return form == Form.JSON;
  }

  Look look() {
    return look;
  }

  /// The one document of a `--json` call.
  void document(JsonNode document) {
    streams.out().println(document.toPrettyString());
    streams.out().flush();
  }

  /// One document of many, on a line of its own.
  void documentLine(JsonNode document) {
    streams.out().println(document);
    streams.out().flush();
  }

  void table(Table table) {
    table.lines(look).forEach(streams.out()::println);
    streams.out().flush();
  }

  /// A line of data.
  void line(String text) {
    streams.out().println(Text.harmless(text));
    streams.out().flush();
  }

  /// An empty line between two tables.
  void gap() {
    streams.out().println();
  }

  /// A piece of an answer, as it comes. What goes to a terminal cannot command it; what goes to a
  /// file or a pipe is not touched.
  void piece(String text) {
    streams.out().print(streams.terminal() ? Text.harmlessLines(text) : text);
    streams.out().flush();
  }

  /// A remark for the person.
  void note(String text) {
    PrintStream err = streams.err();
    err.println(Paint.FAINT.apply(Text.harmless(text), look));
    err.flush();
  }

  /// Clears the screen before a table is drawn again; in a file tables follow each other.
  void redraw() {
    streams.out().print(streams.terminal() ? "\u001b[H\u001b[2J" : "");
  }

  static Table.Cell state(String state) {
    var word = state.toLowerCase(Locale.ROOT);
    return new Table.Cell(word, Paint.ofState(word));
  }

  static Table.Cell simulated(boolean simulated) {
    return new Table.Cell(simulated ? SIMULATED : "", Paint.SIMULATED);
  }
}
