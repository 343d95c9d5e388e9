/* counter[0..1] += 1 as one 64-bit number: how often a random operation has run in its session.
 * One work-item; it runs at the end of the plan, when every kernel of the operation has read the counter.
 */
__kernel void advance(__global uint *counter)
{
    counter[0] += 1;
    counter[1] += counter[0] == 0;
}
