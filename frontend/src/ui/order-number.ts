/**
 * What people call an order by, and whoever buys there. Ids begin with their time, so those of one morning look alike
 * there; their ends differ.
 */
export const orderNumber = (id: string) => id.slice(-8).toUpperCase();
