package checker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.tree.analysis.Value;

/** A value while an installation is run: a number, null or an object. */
interface Cell extends Value {
    /** Numbers; longs and the like never get here. */
    record Number(int value) implements Cell {
    }

    /** No object, or nothing yet. */
    record Null() implements Cell {
    }

    Cell NULL = new Null();

    /** Something in memory: compared by identity, because two that are equal take twice the room. */
    abstract sealed class Thing implements Cell permits Instance, Array, Native {
        /** Where it was made: class and line. */
        String made = "";
    }

    /** An object of one of the program's classes. */
    final class Instance extends Thing {
        final String type;
        final Map<String, Cell> fields = new LinkedHashMap<>();

        Instance(String type) {
            this.type = type;
        }
    }

    /** An array. */
    final class Array extends Thing {
        final String element; // a descriptor
        final Cell[] cells;
        final boolean isTransient;

        Array(String element, int length, boolean isTransient) {
            this.element = element;
            this.isTransient = isTransient;
            cells = new Cell[length];
            boolean isReference = element.length() > 1;
            Arrays.fill(cells, isReference ? NULL : new Number(0));
        }

        int bytes() {
            return cells.length * (element.equals("B") || element.equals("Z") ? 1 : 2);
        }
    }

    /** An object of the platform's. */
    final class Native extends Thing {
        final String type;
        final String name;
        final int persistent;
        final int inRam;

        /** What it was made of. */
        final List<Thing> keeps = new ArrayList<>();

        Native(String type, String name, int persistent, int inRam) {
            this.type = type;
            this.name = name;
            this.persistent = persistent;
            this.inRam = inRam;
        }
    }

    @Override
    default int getSize() {
        return 1;
    }
}
