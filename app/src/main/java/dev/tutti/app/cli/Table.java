package dev.tutti.app.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Rows under headings, aligned, without lines around them.
final class Table {
  private static final String GAP = "  ";

  private final List<Heading> headings;
  private final List<List<Cell>> rows = new ArrayList<>();

  private Table(List<Heading> headings) {
    this.headings = headings;
  }

  /// A table with these headings; one that begins with `>` has its column aligned to the right.
  static Table of(String... headings) {
    var list = new ArrayList<Heading>();
    for (var heading : headings) {
      boolean right = heading.startsWith(">");
      list.add(new Heading(right ? heading.substring(1) : heading, right));
    }
    return new Table(List.copyOf(list));
  }

  /// Adds a row of plain cells.
  void row(String... cells) {
    row(List.of(cells).stream().map(Cell::of).toList());
  }

  /// Adds a row.
  void row(List<Cell> cells) {
    if (cells.size() != headings.size()) {
      throw new IllegalArgumentException(
          "cells: " + cells.size() + " (expected: " + headings.size() + ")");
    }
    rows.add(cells);
  }

  /// The lines of the table; a column that is empty in every row is left out.
  List<String> lines(Output.Look look) {
    var shown =
        IntStream.range(0, headings.size())
            .filter(i -> rows.stream().anyMatch(row -> !row.get(i).text().isEmpty()))
            .boxed()
            .toList();
    var lines = new ArrayList<String>();
    var titles = headings.stream().map(heading -> new Cell(heading.title(), Paint.FAINT)).toList();
    lines.add(line(titles, shown, look));
    rows.forEach(row -> lines.add(line(row, shown, look)));
    return lines;
  }

  private String line(List<Cell> cells, List<Integer> shown, Output.Look look) {
    var line = new StringBuilder();
    for (int column : shown) {
      var cell = cells.get(column);
      var blanks = " ".repeat(width(column) - Text.columns(cell.text()));
      boolean right = headings.get(column).right();
      line.append(right ? blanks : "").append(cell.painted(look)).append(right ? "" : blanks);
      line.append(GAP);
    }
    return line.toString().stripTrailing();
  }

  private int width(int column) {
    int width = Text.columns(headings.get(column).title());
    for (var row : rows) {
      width = Math.max(width, Text.columns(row.get(column).text()));
    }
    return width;
  }

  private record Heading(String title, boolean right) {}

  /// One cell; its text cannot command the terminal.
  record Cell(String text, Paint paint) {
    Cell {
      text = Text.harmless(text);
    }

    static Cell of(String text) {
      return new Cell(text, Paint.NONE);
    }

    private String painted(Output.Look look) {
      return paint.apply(text, look);
    }
  }
}
