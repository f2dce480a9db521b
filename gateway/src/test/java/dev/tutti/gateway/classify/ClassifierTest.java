package dev.tutti.gateway.classify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.dialects.Dialect;
import dev.tutti.dialects.Message;
import dev.tutti.dialects.Sampling;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Difficulty;
import dev.tutti.dispatch.TaskType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.StringNode;

class ClassifierTest {
  private static final JsonMapper JSON = new JsonMapper();

  /// What people say, by the type that it is.
  private static final Map<TaskType, List<String>> SAID =
      Map.of(
          TaskType.CHAT,
          List.of(
              "hi",
              "Hello, how are you today?",
              "What is the capital of France?",
              "Tell me a joke about penguins.",
              "Recommend a good pasta recipe for tonight",
              "Who wrote Moby Dick?",
              "Write a birthday poem for my mother",
              "What time is it in Tokyo when it is noon in Berlin?",
              "Translate 'good morning' into Italian",
              "How old is the universe?",
              "Guten Morgen, wie geht es dir?",
              "Was ist die Hauptstadt von Australien?",
              "Bonjour, ça va ?",
              "Quelle est la capitale du Japon ?",
              "Let's talk about the weather."),
          TaskType.CODE,
          List.of(
              "Refactor this method so that it is shorter",
              "Implement a binary search tree in Java",
              "Please fix the bug in my code",
              "Write a function that reverses a string",
              "Write unit tests for the parser",
              "How do I read a file in Python?",
              "Convert this SQL to a LINQ query in C#",
              "What does src/main/App.java do?",
              "```\nint x = 1;\n```\nwhat is wrong here",
              "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'",
              "java.lang.IllegalStateException: no\n\tat a.b.C.run(C.java:12)\n\tat d.E.f(E.java:3)",
              "error[E0382]: borrow of moved value: `v`",
              "for (int i = 0; i < n; i++) { sum += a[i]; }\nfor (int j = 0; j < n; j++) { b[j]; }",
              "def add(a, b):\n    return (a + b)\ndef sub(a, b):\n    return (a - b)",
              "I get a segmentation fault when I run it",
              "Give me a regex for e-mail addresses",
              "Create a Dockerfile for a Go service",
              "Resolve this merge conflict for me",
              "Schreibe eine Funktion, die Primzahlen findet",
              "Behebe den Fehler in diesem Quelltext",
              "Écris une fonction qui trie une liste",
              "Corrige le bug dans ce code"),
          TaskType.SUMMARIZE,
          List.of(
              "Summarize the plot of Hamlet",
              "Give me a summary of the meeting notes",
              "tl;dr of the article below please",
              "What are the key points of this letter?",
              "Condense the following text into two sentences",
              "Fasse den folgenden Text zusammen",
              "Bitte eine Zusammenfassung in drei Sätzen",
              "Résume ce texte en une phrase",
              "Donne-moi un résumé de la réunion"),
          TaskType.CLASSIFY,
          List.of(
              "Classify this review as good or bad: it broke at once",
              "What is the sentiment of 'I love it'?",
              "Is this spam? Win a prize now",
              "Answer with one word: is a whale a fish?",
              "Categorize these expenses into food and travel",
              "Answer yes or no: is 7 prime",
              "Label each sentence as formal or informal",
              "Klassifiziere diese Nachricht als dringend oder nicht",
              "Antworte mit ja oder nein: ist das Obst?",
              "Classe ce message: positif ou négatif"),
          TaskType.REASON,
          List.of(
              "Prove that the square root of two is irrational",
              "Think step by step: a bat and a ball cost 1.10",
              "Solve 3x + 4 = 19",
              "What is the probability of two sixes in three throws?",
              "Derive the formula for the area of a circle",
              "Weigh the pros and cons of moving to Lisbon",
              "Here is a logic puzzle about five houses",
              "Beweise, dass es unendlich viele Primzahlen gibt",
              "Erkläre Schritt für Schritt, wie man das Rätsel löst",
              "Démontre que la somme est paire",
              "Résous l'équation x² = 9",
              "Why does ice float on water?",
              "Warum ist der Himmel blau?"));

  static Stream<Arguments> said() {
    return SAID.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .flatMap(each -> each.getValue().stream().map(text -> Arguments.of(text, each.getKey())));
  }

  @ParameterizedTest
  @MethodSource("said")
  void what_people_say_tells_its_type(String text, TaskType type) {
    Finding found = Classifier.classify(chat(text));
    assertThat(found.type()).as(found.words()).isEqualTo(type);
  }

  @Test
  void there_are_enough_examples() {
    assertThat(said().count()).isGreaterThanOrEqualTo(60);
  }

  @ParameterizedTest
  @CsvSource({
    "hi,                                             SIMPLE",
    "What is the capital of France?,                 SIMPLE",
    "Is this spam? Win a prize now,                  SIMPLE",
    "Write a function that reverses a string,        USUAL",
    "Prove that the square root of two is irrational,HARD",
    "Think step by step: a bat and a ball cost 1.10, HARD",
  })
  void what_people_say_tells_how_hard_it_is(String text, Difficulty difficulty) {
    assertThat(Classifier.classify(chat(text)).difficulty()).isEqualTo(difficulty);
  }

  @Test
  void a_long_text_to_be_summarized_is_sure() {
    Finding found = Classifier.classify(chat("Summarize this:\n" + "A sentence. ".repeat(300)));
    assertThat(found.type()).isEqualTo(TaskType.SUMMARIZE);
    assertThat(found.sureness()).isGreaterThan(0.9);
    assertThat(found.words()).isEqualTo("type summarize by words of summary; usual by default");
  }

  @Test
  void length_thinking_and_tools_make_it_hard() {
    assertThat(Classifier.classify(chat("x ".repeat(20_000))).difficulty())
        .isEqualTo(Difficulty.HARD);
    Work thinks =
        chat(
            "",
            "What would happen if the moon were gone, and to the tides first of all? Tell me"
                + " in some detail and with care, please, in all the ways that you can think of, and"
                + " plan a lecture on it.",
            List.of(),
            OptionalInt.empty(),
            BooleanNode.TRUE);
    assertThat(Classifier.classify(thinks).difficulty()).isEqualTo(Difficulty.HARD);
    Work low =
        chat(
            "", "Tell me about the moon", List.of(), OptionalInt.of(20), StringNode.valueOf("low"));
    assertThat(Classifier.classify(low).difficulty()).isEqualTo(Difficulty.SIMPLE);
  }

  @Test
  void an_agent_that_codes_is_known_by_its_tools_and_by_its_system_prompt() {
    List<JsonNode> tools = List.of(tool("Bash"), tool("Edit"), tool("WebSearch"));
    Finding byTools = Classifier.classify(chat("", "go on", tools, OptionalInt.empty(), null));
    assertThat(byTools.type()).isEqualTo(TaskType.CODE);
    assertThat(byTools.typeBy()).isEqualTo("tools");
    Finding bySystem =
        Classifier.classify(
            chat("You are a coding agent.", "go on", List.of(), OptionalInt.empty(), null));
    assertThat(bySystem.words()).startsWith("type code by system prompt; ");
    Finding weather =
        Classifier.classify(
            chat("", "is it raining", List.of(tool("get_weather")), OptionalInt.empty(), null));
    assertThat(weather.type()).isEqualTo(TaskType.CHAT);
  }

  @Test
  void few_tokens_alone_are_a_hint_of_a_label() {
    Finding found = Classifier.classify(chat("", "cat or dog", List.of(), OptionalInt.of(3), null));
    assertThat(found.type()).isEqualTo(TaskType.CLASSIFY);
    assertThat(found.isSure()).isFalse();
    assertThat(found.difficulty()).isEqualTo(Difficulty.SIMPLE);
  }

  @Test
  void a_long_text_without_a_sign_is_unsure() {
    Finding found = Classifier.classify(chat("We went to the lake. ".repeat(40)));
    assertThat(found.type()).isEqualTo(TaskType.CHAT);
    assertThat(found.isSure()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"auto:code, CODE", "auto:summarize, SUMMARIZE", "auto:embed, CHAT", "auto:x, CHAT"})
  void the_models_name_may_say_it(String model, TaskType type) {
    Work.Chat chat = chat("hi");
    Work named =
        new Work.Chat(
            model,
            chat.from(),
            chat.messages(),
            chat.tools(),
            chat.toolChoice(),
            chat.sampling(),
            chat.format(),
            chat.think(),
            chat.keepAlive(),
            chat.extra(),
            chat.needs());
    assertThat(Classifier.classify(named).type()).isEqualTo(type);
  }

  @Test
  void pictures_and_endpoints_say_it_themselves() {
    Work picture = completion("what is this", List.of("aGk="), Optional.empty());
    assertThat(Classifier.classify(picture).words()).startsWith("type vision by images; ");
    Work gap = completion("a = ", List.of(), Optional.of("return a"));
    assertThat(Classifier.classify(gap).words()).startsWith("type code by suffix; ");
    Work vectors =
        new Work.Embedding(
            "auto",
            Dialect.OLLAMA,
            List.of("def f():"),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Set.of("embedding"));
    assertThat(Classifier.classify(vectors).words())
        .isEqualTo("type embed by endpoint; usual by default");
  }

  @Test
  void addresses_of_pages_are_no_source_files() {
    assertThat(CodeSigns.namesFile("see https://example.org/a/index.html for more")).isFalse();
    assertThat(CodeSigns.namesFile("what is in main.rs")).isTrue();
    assertThat(CodeSigns.namesFile("the end.")).isFalse();
  }

  @Test
  void only_a_bounded_part_of_a_long_text_is_looked_at() {
    Excerpt excerpt = Excerpt.of(chat("a".repeat(5_000_000) + " summarize this"));
    assertThat(excerpt.said().length() + excerpt.system().length())
        .isLessThanOrEqualTo(Excerpt.MAX_CHARS + 4);
    assertThat(excerpt.instruction()).endsWith("summarize this\n".strip());
    assertThat(excerpt.chars()).isGreaterThan(5_000_000);
  }

  @Test
  void no_input_throws() {
    var random = new SplittableRandom(11);
    String letters = "ab c`{}();.\n\t@/\\\"'éß漢\uD83D\uDE00<>0*+[^$?|";
    for (int round = 0; round < 3_000; round++) {
      var system = new StringBuilder();
      var text = new StringBuilder();
      for (int i = random.nextInt(round % 50 == 0 ? 40_000 : 200); i > 0; i--) {
        (random.nextInt(4) == 0 ? system : text)
            .append(letters.charAt(random.nextInt(letters.length())));
      }
      var tools = new ArrayList<JsonNode>();
      tools.add(JSON.createObjectNode());
      tools.add(JSON.createArrayNode());
      tools.add(tool(text.toString()));
      OptionalInt limit =
          random.nextBoolean() ? OptionalInt.of(random.nextInt()) : OptionalInt.empty();
      Finding found =
          Classifier.classify(
              chat(system.toString(), text.toString(), tools, limit, JSON.createObjectNode()));
      assertThat(found.sureness()).isBetween(0.0, 1.0);
      assertThat(found.words()).isPrintable();
      Classifier.classify(completion(text.toString(), List.of(), Optional.empty()));
    }
  }

  private static JsonNode tool(String name) {
    var tool = JSON.createObjectNode().put("type", "function");
    tool.putObject("function").put("name", name);
    return tool;
  }

  private static Work.Chat chat(String said) {
    return chat("", said, List.of(), OptionalInt.empty(), null);
  }

  private static Work.Chat chat(
      String system,
      String said,
      List<JsonNode> tools,
      OptionalInt limit,
      @Nullable JsonNode think) {
    var messages = new ArrayList<Message>();
    if (!system.isEmpty()) {
      messages.add(message(Message.Role.SYSTEM, system));
    }
    messages.add(message(Message.Role.USER, said));
    return new Work.Chat(
        "auto",
        Dialect.OPENAI,
        messages,
        tools,
        Optional.empty(),
        limited(limit),
        Optional.empty(),
        Optional.ofNullable(think),
        Optional.empty(),
        Map.of(),
        Set.of());
  }

  private static Work.Completion completion(
      String prompt, List<String> images, Optional<String> suffix) {
    return new Work.Completion(
        "auto",
        Dialect.OLLAMA,
        prompt,
        suffix,
        Optional.empty(),
        images,
        false,
        Sampling.NONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Set.of());
  }

  private static Message message(Message.Role role, String text) {
    return new Message(
        role,
        List.of(new Message.Part.Text(text)),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  private static Sampling limited(OptionalInt limit) {
    return new Sampling(
        limit,
        OptionalDouble.empty(),
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
}
