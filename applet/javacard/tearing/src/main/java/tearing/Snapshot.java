package tearing;

import com.licel.jcardsim.crypto.ByteContainer;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import javacard.framework.JCSystem;

/**
 * What an object of the platform holds in persistent memory: its fields, the arrays in them, and
 * the same for the platform's objects in them. What is transient is left out.
 */
final class Snapshot {
    private record Value(Object holder, Field field, Object value) {
    }

    private record Content(Object array, Object copy) {
    }

    private final List<Value> values = new ArrayList<>();
    private final List<Content> contents = new ArrayList<>();
    private final Map<Object, Boolean> seen = new IdentityHashMap<>();
    private final Map<ByteContainer, Snapshot> containers = new IdentityHashMap<>();

    private Snapshot() {
    }

    /** Takes one of objects that belong together; null ones are left out. */
    static Snapshot of(Object... roots) {
        Snapshot taken = new Snapshot();
        for (Object root : roots) {
            taken.add(root);
        }
        return taken;
    }

    private void add(Object object) {
        if (object == null || seen.put(object, true) != null) {
            return;
        }
        if (object.getClass().isArray()) {
            if (JCSystem.isTransient(object) == JCSystem.NOT_A_TRANSIENT_OBJECT) {
                contents.add(new Content(object, copy(object)));
            }
            return;
        }
        String name = object.getClass().getName();
        if (!name.startsWith("javacard") && !name.startsWith("com.licel.jcardsim.crypto.")) {
            return;
        }
        try {
            addFields(object);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private void addFields(Object object) throws IllegalAccessException {
        List<Value> own = new ArrayList<>();
        for (Class<?> at = object.getClass(); at != Object.class; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    field.setAccessible(true);
                    own.add(new Value(object, field, field.get(object)));
                }
            }
        }
        if (object instanceof ByteContainer container) {
            boolean isTransient = own.stream().anyMatch(v -> v.field.getName().equals("memoryType")
                && !v.value.equals(JCSystem.MEMORY_TYPE_PERSISTENT));
            if (isTransient) {
                return;
            }
            Snapshot alone = new Snapshot();
            alone.values.addAll(own);
            own.forEach(v -> alone.add(v.value));
            containers.put(container, alone);
        }
        values.addAll(own);
        for (Value value : own) {
            if (!value.field.getType().isPrimitive()) {
                add(value.value);
            }
        }
    }

    private static Object copy(Object array) {
        Object copy = Array.newInstance(array.getClass().getComponentType(),
            Array.getLength(array));
        System.arraycopy(array, 0, copy, 0, Array.getLength(array));
        return copy;
    }

    /** Puts everything back as it was. */
    void restore() {
        try {
            for (Value value : values) {
                value.field.set(value.holder, value.value);
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
        for (Content content : contents) {
            System.arraycopy(content.copy, 0, content.array, 0, Array.getLength(content.copy));
        }
    }

    /** Says whether another one, of the same objects, holds the same. */
    boolean same(Snapshot other) {
        if (values.size() != other.values.size() || contents.size() != other.contents.size()) {
            return false;
        }
        for (int i = 0; i < values.size(); i++) {
            Object mine = values.get(i).value;
            Object its = other.values.get(i).value;
            boolean isPrimitive = values.get(i).field.getType().isPrimitive();
            if (isPrimitive ? !mine.equals(its) : mine != its) {
                return false;
            }
        }
        for (int i = 0; i < contents.size(); i++) {
            if (!sameContent(contents.get(i).copy, other.contents.get(i).copy)) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameContent(Object one, Object other) {
        return java.util.Arrays.deepEquals(new Object[] {one}, new Object[] {other});
    }

    /** Returns the parts of a key that a later snapshot holds otherwise, and that were set. */
    List<ByteContainer> changed(Snapshot later) {
        List<ByteContainer> changed = new ArrayList<>();
        containers.forEach((container, before) -> {
            Snapshot after = later.containers.get(container);
            if (before.wasSet() && (after == null || !before.same(after))) {
                changed.add(container);
            }
        });
        return changed;
    }

    private boolean wasSet() {
        return values.stream().anyMatch(v -> v.field.getName().equals("length")
            && !v.value.equals((short) 0));
    }

    /** Sets one byte of the array in a field of the object, if there is such a field. */
    void setByte(String field, byte value) {
        for (Value v : values) {
            if (v.field.getName().equals(field) && v.value instanceof byte[] array) {
                array[0] = value;
            }
        }
    }
}
