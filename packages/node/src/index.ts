export {
  createNodeListener,
  handleNodeRequest,
  type NodeListenerOptions,
  type RequestFacts,
} from "./node-listener.js";
