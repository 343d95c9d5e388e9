/* Fills memory with zero, for CPUs: past the caches, as it is for large arrays, for which runtimes' own commands may be slow. */
#include "stream.clh"

/* y: `lines` of 64 bytes and `rest` bytes. Global id 0: `each` lines, the last one the rest too. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void zeros(__global float16 *restrict y, const long lines,
                                                                   const int rest, const long each)
{
    const long first = get_global_id(0) * each, end = min(first + each, lines);
    for (long i = first; i < end; ++i) STREAM_STORE(y + i, (float16)(0.0f));
    if (end == lines)
        for (int k = 0; k < rest; ++k) ((__global uchar *)(y + lines))[k] = 0;
    STREAM_END
}
