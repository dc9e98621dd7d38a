package checker;

import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.LineNumberNode;
import org.objectweb.asm.tree.MethodNode;

/**
 * One thing that a card refuses.
 *
 * @param rule the rule's name, as README.md lists them
 * @param type the class, with dots
 * @param method the method, empty for what concerns a whole class
 * @param line its source line, 0 if the class doesn't tell
 * @param text what is wrong, and what to do
 */
public record Finding(String rule, String type, String method, int line, String text) {
    static Finding of(String rule, ClassNode type, String text) {
        return new Finding(rule, dotted(type.name), "", 0, text);
    }

    static Finding of(String rule, ClassNode type, MethodNode method, String text) {
        return of(rule, type, method, method.instructions.getFirst(), text);
    }

    static Finding of(String rule, ClassNode type, MethodNode method, AbstractInsnNode at,
            String text) {
        return new Finding(rule, dotted(type.name), method.name, line(at), text);
    }

    static String dotted(String name) {
        return name.replace('/', '.');
    }

    private static int line(AbstractInsnNode at) {
        AbstractInsnNode next = at;
        while (next != null && !(next instanceof LineNumberNode)) { // the first of a method
            next = at.getPrevious() == null ? next.getNext() : next.getPrevious();
        }
        return next == null ? 0 : ((LineNumberNode) next).line;
    }

    @Override
    public String toString() {
        String where = method.isEmpty() ? type : type + "." + method;
        return rule + ": " + where + (line == 0 ? "" : ":" + line) + ": " + text;
    }
}
