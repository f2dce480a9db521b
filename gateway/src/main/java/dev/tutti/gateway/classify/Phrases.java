package dev.tutti.gateway.classify;

import java.util.List;

/// Words and phrases of one meaning, in lower case; one that ends in `*` is the beginning of a
/// word. English, German and French.
///
/// @param all the phrases
record Phrases(List<String> all) {
  static final Phrases SUMMARIZE =
      of(
          "summar*",
          "tl;dr",
          "tldr",
          "key points",
          "main points",
          "key takeaways",
          "in a nutshell",
          "condense",
          "abstract of",
          "zusammenfass*",
          "fasse*",
          "fass zusammen",
          "kernaussagen",
          "résum*",
          "resumé",
          "synthèse",
          "points clés");

  static final Phrases CLASSIFY =
      of(
          "classif*",
          "categori*",
          "which category",
          "sentiment",
          "label this",
          "label each",
          "label the",
          "one word",
          "single word",
          "only answer",
          "answer only",
          "answer with only",
          "respond with only",
          "reply with only",
          "respond only with",
          "reply only with",
          "answer yes or no",
          "yes or no",
          "true or false",
          "positive or negative",
          "spam or",
          "is this spam",
          "klassifizier*",
          "kategorisier*",
          "ordne*",
          "ja oder nein",
          "einem wort",
          "welche kategorie",
          "classe*",
          "catégori*",
          "oui ou non",
          "un seul mot");

  static final Phrases REASON =
      of(
          "prove",
          "proof",
          "prove that",
          "theorem",
          "lemma",
          "step by step",
          "step-by-step",
          "think carefully",
          "think hard",
          "reason through",
          "reason about",
          "derive",
          "deduce",
          "solve",
          "equation*",
          "integral",
          "logic puzzle",
          "riddle",
          "probability",
          "trade-offs",
          "pros and cons",
          "how many ways",
          "counterexample",
          "beweis*",
          "schritt für schritt",
          "gleichung*",
          "wahrscheinlichkeit",
          "löse*",
          "leite her",
          "rätsel",
          "démontr*",
          "prouve*",
          "étape par étape",
          "équation*",
          "résous",
          "résoudre",
          "probabilité");

  static final Phrases PERHAPS_REASON =
      of(
          "why",
          "plan",
          "strategy for",
          "compare",
          "analy*",
          "evaluate",
          "argue",
          "decide between",
          "calculate",
          "warum",
          "weshalb",
          "plane",
          "vergleich*",
          "berechne*",
          "pourquoi",
          "planifi*",
          "compar*",
          "calcul*");

  static final Phrases CODE =
      of(
          "refactor*",
          "implement",
          "implement a*",
          "fix the bug",
          "fix this bug",
          "fix a bug",
          "fix this error",
          "write a function",
          "write a method",
          "write a class",
          "write a script",
          "write a program",
          "write a query",
          "write code",
          "write a test",
          "write tests",
          "unit test*",
          "debug*",
          "stack trace",
          "stacktrace",
          "compile error",
          "compil*",
          "pull request",
          "code review",
          "this code",
          "my code",
          "the code",
          "codebase",
          "source code",
          "regex",
          "regular expression",
          "sql query",
          "sql statement",
          "dockerfile",
          "docker compose",
          "makefile",
          "git rebase",
          "git merge",
          "merge conflict",
          "api endpoint",
          "rest api",
          "null pointer",
          "segfault",
          "type error",
          "memory leak",
          "race condition",
          "big-o",
          "time complexity",
          "quelltext",
          "quellcode",
          "programmier*",
          "schreibe ein skript",
          "schreibe eine funktion",
          "schreib eine funktion",
          "behebe den fehler",
          "komponententest*",
          "diesen code",
          "code source",
          "écris une fonction",
          "écris un script",
          "corrige le bug",
          "ce code",
          "requête sql",
          "programme en");

  static final Phrases PERHAPS_CODE =
      of(
          "python",
          "javascript",
          "typescript",
          "java",
          "kotlin",
          "rust",
          "golang",
          "c++",
          "c#",
          "php",
          "ruby",
          "swift",
          "bash",
          "powershell",
          "sql",
          "html",
          "css",
          "react",
          "node.js",
          "django",
          "spring boot",
          "kubernetes",
          "terraform",
          "algorithm",
          "function",
          "bug",
          "script",
          "json",
          "yaml",
          "api",
          "exception",
          "git",
          "funktion",
          "algorithmus",
          "fonction",
          "algorithme");

  static final Phrases MAKING =
      of(
          "write",
          "create",
          "convert",
          "build",
          "fix",
          "add",
          "parse",
          "how do i",
          "how to",
          "rewrite",
          "port",
          "optimi*",
          "schreib*",
          "erstell*",
          "wie kann ich",
          "baue",
          "écri*",
          "crée*",
          "comment",
          "convertis");

  static final Phrases STACK_TRACE =
      of(
          "traceback (most recent call last)",
          "exception in thread",
          "panic:",
          "goroutine",
          "segmentation fault",
          "undefined reference to",
          "nullpointerexception",
          "syntaxerror",
          "typeerror",
          "nameerror",
          "keyerror",
          "valueerror",
          "referenceerror",
          "error[e0*",
          "cannot find symbol",
          "core dumped",
          "caused by:",
          "uncaught exception");

  static final Phrases CODING_AGENT =
      of(
          "coding agent",
          "coding assistant",
          "code assistant",
          "programming assistant",
          "software engineering",
          "software engineer",
          "software developer",
          "expert programmer",
          "pair program*",
          "senior developer",
          "senior engineer",
          "codebase",
          "code editor",
          "repository",
          "code review*",
          "write code",
          "coding tasks",
          "programmierassistent*",
          "assistant de programmation");

  private static Phrases of(String... all) {
    return new Phrases(List.of(all));
  }

  /// Whether any of them is in the text, as a word or words of its own.
  boolean in(String text) {
    for (String phrase : all) {
      if (isIn(text, phrase)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isIn(String text, String phrase) {
    boolean open = phrase.endsWith("*");
    String sought = open ? phrase.substring(0, phrase.length() - 1) : phrase;
    int at = text.indexOf(sought);
    while (at >= 0) {
      int end = at + sought.length();
      boolean begins = at == 0 || !Character.isLetterOrDigit(text.charAt(at - 1));
      boolean ends =
          open
              || end == text.length()
              || !Character.isLetterOrDigit(text.charAt(end))
              || !Character.isLetterOrDigit(text.charAt(end - 1));
      if (begins && ends) {
        return true;
      }
      at = text.indexOf(sought, at + 1);
    }
    return false;
  }
}
