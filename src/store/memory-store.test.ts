/** The store in memory keeps the contract. */
import { MemoryStore } from "./memory-store.ts";
import { storeContract } from "./store-contract.ts";

storeContract("MemoryStore", () => {
  const store = new MemoryStore();
  let links = 0;
  return {
    store,
    freshLink: () => `/link${links++}`,
    removeLink: (link) => store.removeLink(link),
    reopen: () => {
      store.close();
      return store;
    },
  };
});
