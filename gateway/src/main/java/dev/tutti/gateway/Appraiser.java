package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.ModelName;
import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.Message;
import dev.tutti.dialects.Sampling;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskHandle;
import dev.tutti.dispatch.TaskListener;
import dev.tutti.dispatch.TaskType;
import dev.tutti.fleet.BackendView;
import dev.tutti.gateway.classify.Classifier;
import dev.tutti.gateway.classify.Finding;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.BooleanNode;

/// Judges a request before it becomes a task: by rules, and where these are unsure and the choice
/// of a model hangs on it, by asking a small model of the mesh, if the owner named one. That model
/// is asked like any other, through the dispatcher; whatever goes wrong there, or takes too long,
/// the rules' answer holds. Owner loop only.
final class Appraiser {
  /// How long the small model may take, its wait for a slot included.
  static final Duration WITHIN = Duration.ofMillis(700);

  /// How much of what the user said it is shown, in characters: it must be quick.
  static final int MAX_SHOWN_CHARS = 2 * 1024;

  /// The most tokens that it may write: one word.
  static final int MAX_TOKENS = 3;

  /// The most characters of its answer that are read.
  private static final int MAX_ANSWER_CHARS = 64;

  /// Somebody waits for the task that waits for it.
  private static final int PRIORITY = 9;

  /// The types that it is asked about; the others are seen without it.
  private static final Set<TaskType> TYPES =
      Set.of(TaskType.CHAT, TaskType.CODE, TaskType.SUMMARIZE, TaskType.CLASSIFY, TaskType.REASON);

  private static final String QUESTION =
      "You sort requests. Say in one word which kind the user's request is: code (programming),"
          + " summarize (shorten a text), classify (choose a label), reason (logic, mathematics,"
          + " planning) or chat (all else). Do not answer the request itself.";

  private final GatewayParts parts;

  Appraiser(GatewayParts parts) {
    this.parts = parts;
  }

  /// What is thought of the work with the client's wishes, by rules alone.
  static Finding byRules(TaskWishes wishes, Work work) {
    Finding found = Classifier.classify(work);
    return wishes.type().map(type -> found.with(type, "the client")).orElse(found);
  }

  /// Judges the work and goes on with what was found: at once, or when the small model has said its
  /// word.
  ///
  /// @return takes it back; nothing follows then
  Runnable appraise(String principal, TaskWishes wishes, Work work, Consumer<Finding> next) {
    Finding found = byRules(wishes, work);
    Optional<ModelName> router = parts.router().get().filter(this::isUp);
    if (found.isSure() || !isAuto(work) || router.isEmpty()) {
      next.accept(found);
      return () -> {};
    }
    var question = new Question(found, next);
    question.ask(router.get(), principal, wishes, work);
    return question::cancel;
  }

  private static boolean isAuto(Work work) {
    return work.model().equals("auto");
  }

  private boolean isUp(ModelName router) {
    return parts.fleet().get().backends().values().stream()
        .filter(BackendView::takesWork)
        .anyMatch(backend -> backend.model(router).isPresent());
  }

  private static Work.Chat shown(ModelName router, Work work) {
    var wish =
        new Sampling(
            OptionalInt.of(MAX_TOKENS),
            OptionalDouble.of(0),
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
    return new Work.Chat(
        router.value(),
        work.from(),
        List.of(said(Message.Role.SYSTEM, QUESTION), said(Message.Role.USER, beginning(work))),
        List.of(),
        Optional.empty(),
        wish,
        Optional.empty(),
        Optional.of(BooleanNode.FALSE),
        Optional.empty(),
        Map.of(),
        Set.of());
  }

  private static Message said(Message.Role role, String text) {
    return new Message(
        role,
        List.of(new Message.Part.Text(text)),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  /// The beginning of what the user said last.
  private static String beginning(Work work) {
    String text =
        switch (work) {
          case Work.Chat chat ->
              chat.messages().reversed().stream()
                  .filter(message -> message.role() == Message.Role.USER)
                  .findFirst()
                  .map(Appraiser::beginning)
                  .orElse("");
          case Work.Completion completion -> completion.prompt();
          case Work.Continued(var whole, _) -> beginning(whole);
          case Work.Embedding _,
              Work.Rerank _,
              Work.TokenCount _,
              Work.Residency _,
              Work.Transcription _ ->
              "";
        };
    return text.substring(0, Math.min(text.length(), MAX_SHOWN_CHARS));
  }

  /// Not all of a message's text is copied for its beginning.
  private static String beginning(Message message) {
    var text = new StringBuilder();
    for (Message.Part part : message.parts()) {
      if (part instanceof Message.Part.Text(var words)) {
        text.append(words, 0, Math.min(words.length(), MAX_SHOWN_CHARS - text.length()));
      }
    }
    return text.toString();
  }

  /// The type that the answer names first, if it names one.
  static Optional<TaskType> typeIn(String answer) {
    for (String word : answer.toLowerCase(Locale.ROOT).split("[^a-z]+", -1)) {
      Optional<TaskType> type = TaskType.of(word).filter(TYPES::contains);
      if (type.isPresent()) {
        return type;
      }
    }
    return Optional.empty();
  }

  /// One question to the small model, which is over once.
  private final class Question implements TaskListener<Delta> {
    private final Finding byRules;
    private final Consumer<Finding> next;
    private final StringBuilder answer = new StringBuilder();
    private @Nullable TaskHandle handle;
    private Time.@Nullable Timer patience;
    private boolean over;

    Question(Finding byRules, Consumer<Finding> next) {
      this.byRules = byRules;
      this.next = next;
    }

    void ask(ModelName router, String principal, TaskWishes wishes, Work work) {
      var asking =
          new TaskWishes(
              Optional.of(TaskType.ROUTE),
              PRIORITY,
              WITHIN,
              Optional.empty(),
              false,
              wishes.local(),
              "",
              wishes.hops());
      Work.Chat shown = shown(router, work);
      Task<Work> task =
          WorkEndpoint.task(TaskId.random(parts.random()), principal, asking, "", shown);
      patience = parts.time().after(WITHIN, this::giveUp);
      TaskHandle held = parts.dispatcher().submit(task, this);
      if (over) {
        held.cancel();
      } else {
        handle = held;
      }
    }

    @Override
    public void queued(int position) {
      // It may wait as long as there is patience.
    }

    @Override
    public void assigned(Assignment assignment) {
      answer.setLength(0);
    }

    @Override
    public boolean event(Delta delta) {
      if (delta instanceof Delta.Content(var text) && answer.length() < MAX_ANSWER_CHARS) {
        answer.append(text, 0, Math.min(text.length(), MAX_ANSWER_CHARS - answer.length()));
      }
      return false;
    }

    @Override
    public void done(AnswerUsage usage) {
      goOn(typeIn(answer.toString()).map(type -> byRules.with(type, "router model")));
    }

    @Override
    public void failed(Failure failure) {
      goOn(Optional.empty());
    }

    private void giveUp() {
      TaskHandle held = handle;
      goOn(Optional.empty());
      if (held != null) {
        held.cancel();
      }
    }

    void cancel() {
      if (!over) {
        end();
        if (handle != null) {
          handle.cancel();
        }
      }
    }

    private void goOn(Optional<Finding> heard) {
      if (!over) {
        end();
        next.accept(heard.orElse(byRules));
      }
    }

    private void end() {
      over = true;
      if (patience != null) {
        patience.cancel();
      }
    }
  }
}
