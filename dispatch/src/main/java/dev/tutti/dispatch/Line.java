package dev.tutti.dispatch;

/// The slots of one engine: when each is free, and what is still to be done in it until then. Of
/// one play; owner loop only.
final class Line<W, E> {
  /// A slot that is neither free nor in use is about to come back, in milliseconds.
  private static final double RETURNING_MILLIS = 200;

  /// Milliseconds from now, growing.
  private final double[] freeAt;

  private final double[] readLeft;
  private final double[] writeLeft;
  private int open;
  boolean learned = true;
  final double stretch;

  private final Outlook<W, E> outlook;

  Line(Floor<W, E> floor, Outlook<W, E> outlook, Fit.Place place, long now) {
    this.outlook = outlook;
    Desk<W, E> desk = floor.desk(place.backend().id());
    stretch = desk == null ? 1 : desk.stretch();
    int free = desk == null ? 0 : floor.usable(place, desk);
    int running = desk == null ? 0 : desk.runs.size();
    int slots = Math.max(Math.max(1, place.backend().slots()), free + running);
    freeAt = new double[slots];
    readLeft = new double[slots];
    writeLeft = new double[slots];
    int n = 0;
    if (desk != null) {
      open = desk.isOpen() ? free : 0;
      double rest = desk.resting ? DispatchLimits.REST.toMillis() : 0;
      while (n < free) {
        freeAt[n++] = rest;
      }
      n = addRuns(desk, n, now);
    }
    while (n < slots) {
      freeAt[n++] = RETURNING_MILLIS;
    }
    sort();
  }

  private int addRuns(Desk<W, E> desk, int from, long now) {
    int n = from;
    for (Run<W, E> run : desk.runs) {
      readLeft[n] = outlook.readLeft(run, now);
      writeLeft[n] = outlook.writeLeft(run);
      learned &= outlook.isLearned(run);
      n++;
    }
    int i = from;
    for (Run<W, E> run : desk.runs) {
      var company = new Company(desk.runs.size());
      for (int j = from; j < n; j++) {
        if (j != i) {
          company.add(readLeft[j], writeLeft[j]);
        }
      }
      freeAt[i] = outlook.left(run, readLeft[i], writeLeft[i], company, now);
      i++;
    }
    return n;
  }

  /// By insertion: there are few, and they are nearly in order.
  private void sort() {
    for (int i = 1; i < freeAt.length; i++) {
      for (int j = i; j > 0 && freeAt[j] < freeAt[j - 1]; j--) {
        swap(freeAt, j);
        swap(readLeft, j);
        swap(writeLeft, j);
      }
    }
  }

  private static void swap(double[] values, int j) {
    double value = values[j];
    values[j] = values[j - 1];
    values[j - 1] = value;
  }

  /// Whether a task could start now.
  boolean isOpen() {
    return open > 0;
  }

  /// The share of its slots that is in use.
  double busy() {
    return 1 - (double) open / freeAt.length;
  }

  double first() {
    return freeAt[0];
  }

  int slots() {
    return freeAt.length;
  }

  /// When the slot that is the `i`th to become free does, in milliseconds from now.
  double freeAt(int i) {
    return freeAt[i];
  }

  /// Who is still there at that time, with what will be left of their work by then.
  Company company(double at) {
    var company = new Company(freeAt.length);
    for (int i = 0; i < freeAt.length; i++) {
      if (freeAt[i] > at && (readLeft[i] > 0 || writeLeft[i] > 0)) {
        double share = (freeAt[i] - at) / freeAt[i];
        company.add(readLeft[i] * share, writeLeft[i] * share);
      }
    }
    return company;
  }

  /// The first slot is taken by a task.
  void take(Prediction prediction) {
    if (open > 0) {
      open--;
    }
    freeAt[0] = prediction.endMillis();
    readLeft[0] = prediction.readTokens();
    writeLeft[0] = prediction.writeTokens();
    sort();
  }
}
