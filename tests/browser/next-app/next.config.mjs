export default {
  // One folder: the lock files above it are other packages'.
  turbopack: { root: import.meta.dirname },
  poweredByHeader: false,
};
