// How jemalloc treats the server's memory; it reads this name before main. Linked only beside jemalloc (see CMakeLists.txt).
extern "C" {

// Few arenas, because sixty-four threads with one each would hold on to memory that none of them uses; each thread's own cache
// keeps them from waiting for one another. Freed pages go back within a second, without a thread for it.
extern const char* malloc_conf;
const char* malloc_conf = "narenas:2,dirty_decay_ms:1000,muzzy_decay_ms:0,background_thread:false";
}
