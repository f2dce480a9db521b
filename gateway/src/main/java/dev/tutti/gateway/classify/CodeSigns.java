package dev.tutti.gateway.classify;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// What gives program text and programmers' tools away. Pure.
final class CodeSigns {
  /// The most tools that are looked at.
  private static final int MAX_TOOLS = 64;

  /// So many tools of an editor or a shell make an agent that writes code.
  private static final int ENOUGH_TOOLS = 2;

  private static final Set<String> TOOLS =
      Set.of(
          "bash",
          "shell",
          "exec",
          "exec_command",
          "run_command",
          "run_terminal_cmd",
          "execute_command",
          "local_shell",
          "terminal",
          "edit",
          "multiedit",
          "edit_file",
          "read",
          "read_file",
          "write",
          "write_file",
          "write_to_file",
          "create_file",
          "grep",
          "grep_search",
          "glob",
          "ls",
          "list_dir",
          "list_files",
          "search_files",
          "codebase_search",
          "replace_in_file",
          "notebookedit",
          "apply_patch",
          "apply_diff",
          "str_replace",
          "str_replace_editor",
          "str_replace_based_edit_tool",
          "update_plan",
          "todowrite");

  private static final Set<String> FILES =
      Set.of(
          "py", "java", "kt", "ts", "tsx", "js", "jsx", "rs", "go", "cpp", "cc", "hpp", "cs", "rb",
          "php", "sh", "sql", "swift", "scala", "lua", "vue", "html", "css", "yaml", "yml", "toml",
          "json", "xml", "gradle", "ipynb", "proto", "tf", "dart", "hs", "ex", "clj");

  /// Lines that begin like this are of a program.
  private static final List<String> LINES =
      List.of(
          "def ",
          "class ",
          "import ",
          "from ",
          "public ",
          "private ",
          "static ",
          "func ",
          "fn ",
          "function ",
          "const ",
          "let ",
          "var ",
          "return ",
          "#include",
          "package ",
          "using ",
          "select ",
          "if (",
          "for (",
          "while (",
          "} else",
          "async ",
          "@");

  /// From so many braces and semicolons on, and from so many lines that begin like a program's.
  private static final int ENOUGH_MARKS = 6;

  private static final int ENOUGH_LINES = 3;

  /// And as a share of all characters.
  private static final double ENOUGH_SHARE = 0.012;

  private CodeSigns() {}

  static boolean inTools(List<JsonNode> tools) {
    return tools.stream()
            .limit(MAX_TOOLS)
            .map(tool -> tool.path("function").path("name"))
            .filter(name -> name.isString() && TOOLS.contains(lower(name.stringValue())))
            .count()
        >= ENOUGH_TOOLS;
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  static boolean hasFences(String text) {
    int first = text.indexOf("```");
    return first >= 0 && text.indexOf("```", first + 3) > 0;
  }

  /// Whether the name of a source file is in the text; addresses of web pages do not count.
  static boolean namesFile(String text) {
    for (int dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', dot + 1)) {
      int end = dot + 1;
      while (end < text.length() && end - dot <= 6 && isWordChar(text.charAt(end))) {
        end++;
      }
      if (dot > 0
          && isWordChar(text.charAt(dot - 1))
          && FILES.contains(text.substring(dot + 1, end))
          && !isAddress(text, dot)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isAddress(String text, int dot) {
    int start = dot;
    while (start > 0 && dot - start < 200 && text.charAt(start - 1) > ' ') {
      start--;
    }
    String word = text.substring(start, dot);
    return word.contains("://") || word.startsWith("www.");
  }

  private static boolean isWordChar(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }

  /// Whether the text looks like a program's: many braces and semicolons, or lines that begin so.
  static boolean looksLikeCode(String text) {
    int semicolons = 0;
    int braces = 0;
    int lines = 0;
    int start = 0;
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c == ';' && (i + 1 == length || text.charAt(i + 1) <= ' ')) {
        semicolons++;
      } else if (c == '{' || c == '}') {
        braces++;
      } else if (c == '\n') {
        lines += beginsLikeCode(text, start, i) ? 1 : 0;
        start = i + 1;
      }
    }
    lines += beginsLikeCode(text, start, length) ? 1 : 0;
    int marks = semicolons + braces;
    return lines >= ENOUGH_LINES
        || (marks >= ENOUGH_MARKS
            && semicolons > 0
            && braces > 1
            && marks >= ENOUGH_SHARE * length);
  }

  private static boolean beginsLikeCode(String text, int start, int end) {
    int at = start;
    while (at < end && text.charAt(at) <= ' ') {
      at++;
    }
    for (String beginning : LINES) {
      if (text.startsWith(beginning, at)) {
        // Prose begins like that too, but does not end like this.
        char last = text.charAt(Math.max(at, end - 1));
        return last == ':' || last == ';' || last == '{' || last == ')' || beginning.equals("def ");
      }
    }
    return false;
  }

  static boolean hasStackTrace(String text) {
    return Phrases.STACK_TRACE.in(text) || text.contains("\n\tat ") || text.contains("\n    at ");
  }
}
