package checker;

import java.util.List;

/** One kind of thing that a card refuses. */
interface Rule {
    /** What rules look at: the classes, and what their methods compute. */
    record Subject(Program program, Flow flow, Settings settings) {
    }

    /** Returns what it found, in the order of classes and instructions. */
    List<Finding> check(Subject subject);
}
