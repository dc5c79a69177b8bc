export type { ApiEntrance, Entrance, EntranceOutputs } from "../components/blocks/entrance";
