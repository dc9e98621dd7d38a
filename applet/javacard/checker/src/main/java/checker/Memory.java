package checker;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What an installation takes: it is run, with a platform that only counts, and then everything is
 * looked for that the applets hold.
 */
final class Memory {
    private static final int HEADER = 8; // of an object or an array, an estimate

    /**
     * What lies in one field of one class.
     *
     * @param persistent bytes in it, headers left out
     * @param transients bytes in it
     * @param estimated bytes of the platform's objects and of headers
     * @param objects how many there are
     */
    record Place(int persistent, int transients, int estimated, int objects) {
        static final Place NONE = new Place(0, 0, 0, 0);

        Place plus(Place other) {
            return new Place(persistent + other.persistent, transients + other.transients,
                estimated + other.estimated, objects + other.objects);
        }

        int allPersistent() {
            return persistent + estimated;
        }
    }

    /** By field, as Class.field without the package. */
    final Map<String, Place> places = new TreeMap<>();

    /** What is made and then not held: on a card without a collector it is lost. */
    final List<String> lost = new ArrayList<>();

    /** Why the installation stopped, null if it didn't. */
    String stopped;

    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    private Memory() {
    }

    /** Installs the applets, one after the other. */
    static Memory of(Program program, Settings settings) {
        Memory memory = new Memory();
        Platform platform = new Platform(settings.failing());
        try {
            Machine machine = new Machine(program, platform);
            memory.seen.addAll(platform.things); // constant arrays: CodeSize counts them
            for (String applet : settings.applets()) {
                memory.install(machine, applet.replace('.', '/'));
            }
            memory.look(machine, platform);
        } catch (Machine.Stopped e) {
            memory.stopped = e.getMessage();
        }
        return memory;
    }

    private void install(Machine machine, String applet) {
        Program.Member install = machine.program.find(applet, "install", "([BSB)V");
        if (install == null) {
            throw new Machine.Stopped(applet + " has no install method");
        }
        Cell.Array parameters = new Cell.Array("B", 20, false); // an AID [16], nothing else
        parameters.cells[0] = new Cell.Number(16);
        try {
            machine.run(install, List.of(parameters, new Cell.Number(0), new Cell.Number(19)));
        } catch (Machine.Thrown e) {
            throw new Machine.Stopped(applet + " throws " + e.getMessage() + " at "
                + machine.line());
        }
    }

    private void look(Machine machine, Platform platform) {
        for (Cell.Instance applet : platform.applets) {
            hold(simple(applet.type), applet);
        }
        machine.statics.forEach((field, cell) -> hold(simple(field), cell));
        for (Cell.Thing thing : platform.things) {
            boolean isThrown = thing instanceof Cell.Instance instance
                && machine.program.isA(instance.type, "java/lang/Throwable");
            if (!seen.contains(thing) && !isThrown) {
                lost.add(name(thing) + ", made in " + thing.made);
                hold("lost", thing);
            }
        }
    }

    private static String simple(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    private static String name(Cell.Thing thing) {
        if (thing instanceof Cell.Array array) {
            return "an array of " + array.cells.length;
        }
        return thing instanceof Cell.Instance instance ? simple(instance.type)
            : ((Cell.Native) thing).name;
    }

    /** Counts what a field holds, and all that hangs on it. */
    private void hold(String field, Cell cell) {
        if (!(cell instanceof Cell.Thing) || !seen.add(cell)) {
            return;
        }
        if (cell instanceof Cell.Instance instance) {
            places.merge(field, new Place(2 * instance.fields.size(), 0, HEADER, 1), Place::plus);
            instance.fields.forEach((name, value) ->
                hold(simple(instance.type) + "." + name, value));
        } else if (cell instanceof Cell.Array array) {
            Place place = array.isTransient ? new Place(0, array.bytes(), HEADER, 1)
                : new Place(array.bytes(), 0, HEADER, 1);
            places.merge(field, place, Place::plus);
            for (Cell element : array.cells) {
                hold(field, element);
            }
        } else if (cell instanceof Cell.Native thing) {
            places.merge(field, new Place(0, thing.inRam, thing.persistent, 1), Place::plus);
            thing.keeps.forEach(kept -> hold(field, kept));
        }
    }

    /** Returns the sum of what lies in some places. */
    Place sum(Set<String> names) {
        return names.stream().map(name -> places.getOrDefault(name, Place.NONE))
            .reduce(Place.NONE, Place::plus);
    }

    /** Returns the sum of everything. */
    Place sum() {
        return sum(places.keySet());
    }
}
